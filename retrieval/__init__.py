"""passages + facts + example questions → ranked hits"""
