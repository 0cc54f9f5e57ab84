"""What an environment costs a month: bill of materials from the inventory, priced, totalled, compared and shown."""
