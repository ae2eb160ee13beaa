"""The verbs of the product, called by pages, worker and notebooks. Services compose the packages below them."""
