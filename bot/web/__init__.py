"""Reply → pages and JSON for a person without Slack or Teams, and the place citations point to."""
