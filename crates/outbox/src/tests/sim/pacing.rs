//! Simulates ten minutes of one sender with the worker's real decisions, and checks its rate.

use switchboard::provider::Outgoing;

use super::check::{RATE, check_pace};
use super::world::{SECOND, START, What, World, now};
use crate::enqueue::{Payload, Prepared, Priority};
use crate::rows::NewMessage;
use crate::rows::sqlite::direct::DirectRows;
use crate::timing::Micros;

/// Enqueues enough messages for ten minutes, each of one to four segments.
fn enqueue(world: &mut World, messages: u32) -> u64 {
    let from = world.engine.phone_number().to_owned();
    let new = |n: u32| {
        let text = format!("{n} {}", "x".repeat(140 * (n as usize % 4)));
        let payload: Payload =
            Outgoing::text(format!("+1415555{:04}", n % 10_000), text).from(from.as_str()).into();
        NewMessage {
            tenant: String::new(),
            key: format!("k{n}"),
            due: None,
            expires: None,
            priority: Priority::Normal,
            purpose: Default::default(),
            zone: None,
            text_rules: None,
            emergency: None,
            needs_consent: false,
            campaign: 0,
            refused: None,
            warned: Vec::new(),
            hashes: Default::default(),
            prepared: Prepared::of(&payload).expect("it can be stored"),
        }
    };
    let all: Vec<NewMessage> = (0..messages).map(new).collect();
    let segments = all.iter().map(|message| u64::from(message.prepared.weight)).sum();
    now(world.rows.enqueue(START, all));
    segments
}

/// Returns the number of segments that began within a period of the simulation.
fn begun(world: &World, from: Micros, to: Micros) -> f64 {
    let begun = world.ledger.begun_by(world.engine.phone_number());
    assert!(!begun.is_empty());
    check_pace(begun);
    let within = begun.iter().filter(|(at, _)| (from..to).contains(at));
    within.map(|(_, weight)| f64::from(*weight)).sum()
}

fn check_rate(segments: f64, span: Micros) {
    let planned = f64::from(RATE) / 1000.0 * (span / SECOND) as f64;
    let error = (segments - planned).abs() / planned;
    println!("{segments} segments begun, {planned} planned: {:.3} %", error * 100.0);
    assert!(error < 0.01, "{segments} segments of {planned}");
}

#[test]
fn ten_minutes_keep_the_rate_to_one_per_cent() {
    for seed in 0..3 {
        let mut world = World::calm_one(seed, Box::new(DirectRows::new()));
        assert!(enqueue(&mut world, 1_600) > 2_600, "enough for ten minutes");
        world.at(START, What::Start);
        world.run_until(START + 600 * SECOND);
        check_rate(begun(&world, START + SECOND, START + 600 * SECOND), 599 * SECOND);
    }
}

#[test]
fn a_restart_neither_bursts_nor_loses_its_place() {
    for seed in 0..8 {
        let mut world = World::calm_one(seed, Box::new(DirectRows::new()));
        enqueue(&mut world, 1_600);
        world.at(START, What::Start);
        for minute in 1..10 {
            world.at(START + minute * 60 * SECOND + seed_shift(seed), What::Kill);
        }
        world.run_until(START + 600 * SECOND);
        // The sender does not catch up on the time in which the process did not run. Each stop loses at most five
        // seconds.
        let segments = begun(&world, START + SECOND, START + 600 * SECOND);
        let planned = f64::from(RATE) / 1000.0 * 599.0;
        assert!(segments <= planned * 1.01 && segments >= planned * 0.85, "{segments} of {planned}");
    }
}

fn seed_shift(seed: u64) -> Micros {
    i64::try_from(seed).unwrap_or(0) * 37_000
}
