"""What `logreq.live.follow` is made of: reading a growing log, waking up, finding archives."""
