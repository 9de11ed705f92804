"""twinward.core"""
