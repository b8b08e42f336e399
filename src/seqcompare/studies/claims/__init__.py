"""Claims of the theory: the evidence, and the rule that each verdict follows from."""
