"""twinward.engines"""
