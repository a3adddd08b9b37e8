"""policy text → sections → passages → role facts"""
