"""The game in a browser: a small web server with one game process for each player."""
