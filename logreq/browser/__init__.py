"""What browsers and web servers keep of a session -> requests, as if a panel had logged them."""
