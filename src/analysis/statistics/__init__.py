"""What several topics judge with: what is normal in a portfolio, what chance makes, who stands apart."""
