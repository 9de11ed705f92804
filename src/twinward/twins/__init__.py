"""twinward.twins"""
