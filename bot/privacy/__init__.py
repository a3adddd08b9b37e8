"""What tells who somebody is, and how it leaves a text."""
