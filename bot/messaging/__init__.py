"""Where questions are taken in, answered and handed out: what all channels share."""
