"""One file for each cloud service: its state, its life cycle, its commands and its meters."""
