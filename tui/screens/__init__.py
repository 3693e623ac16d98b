"""What a player walks through: menu, briefing, play, debrief, watch."""
