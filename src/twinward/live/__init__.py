"""twinward.live"""
