"""What the tests run emitted code against: servers, stand-ins, interpreters, strategies."""
