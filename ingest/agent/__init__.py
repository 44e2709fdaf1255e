"""What runs beside a camera: takes its photos and measurements, signs them, and does not let go before a receipt."""
