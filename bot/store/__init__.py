"""What is kept, and for how long: questions without names, answers with what they were made from, feedback, jobs."""
