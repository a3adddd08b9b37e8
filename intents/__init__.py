"""question → understanding → answer (no wording)"""
