"""The only place that knows a terminal: screens, widgets and the command line."""
