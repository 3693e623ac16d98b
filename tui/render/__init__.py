"""From data to strips: pure drawing, without a widget, an app or a clock."""
