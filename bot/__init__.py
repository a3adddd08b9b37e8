"""answer → reply in nb, nn or en → Slack, Teams, web, command line"""
