"""What every room looks up: projects and annotators, pair tables, titles, stamps, looks, leases."""
