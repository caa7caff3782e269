"""The places decision: which sites open, how many whole classes, who goes where."""
