"""Shapes of requests and answers, by whom they are for."""
