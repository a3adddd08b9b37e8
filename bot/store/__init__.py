"""What is kept, and for how long: questions without names, answers with their receipts, feedback, work to do."""
