//! The program from outside.

mod exits;
mod manual;
mod program;
mod seeded;
