"""What a player meets: levels as data files, the plans that play them, and their proofs."""
