mod attacks;
mod handshakes;
mod pressure;
mod served;
mod yard;
