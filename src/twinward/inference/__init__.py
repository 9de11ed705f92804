"""twinward.inference"""
