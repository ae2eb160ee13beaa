"""The sitting: queues, the component in the browser, and what it sends back."""
