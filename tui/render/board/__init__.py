"""The board, drawn: users, wires, machines in their zones, what others run, and what is kept."""
