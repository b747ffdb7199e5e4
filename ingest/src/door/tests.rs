mod attacks;
mod handshakes;
mod load;
mod pressure;
mod served;
mod yard;
