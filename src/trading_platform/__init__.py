"""Planning, checking and converging the Trading Engine platform on AWS."""
