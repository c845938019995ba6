//! The program from outside.

mod accounts;
mod exits;
mod listen;
mod manual;
mod program;
mod running;
mod seeded;
