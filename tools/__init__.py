"""What builds, trains and shows; never imported by ``registry`` or ``serve``, never in the wheel."""
