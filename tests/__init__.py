"""What Headroom promises, checked: laws, exactness, theory, files, screens."""
