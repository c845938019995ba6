//! The program from outside.

mod accounts;
mod exits;
mod manual;
mod program;
mod seeded;
