//! The program from outside.

mod manual;
mod seeded;
