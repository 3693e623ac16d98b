"""What a recorded run can be made into, for people and programs that have no game at hand.

Every kind is a file of its own: pure functions from a recording to lines of text.
Nothing here needs the engine.
"""
