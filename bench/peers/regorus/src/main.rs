//! Times regorus on the inputs of the benchmarks, its interpreter and its virtual machine, each with
//! a compiled policy: request text to decision text. Usage: peer_regorus POLICY_DIR INPUT_DIR
//! Prints {engine: {policy: {turn_ns, p50_ns, p99_ns, disagreements}}}, where turn_ns is the time of
//! a decision in a round over all inputs, the median of the rounds.
//! With "peer_regorus scale DIR" it times its virtual machine on what bench_scale wrote: case →
//! {p50_ns}, or {skipped: reason}.
use std::time::Instant;
use std::{collections::BTreeMap, env, fs, path::Path, process::exit};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Rc, Value};
use serde_json::json;

const POLICIES: [&str; 3] = ["resource_limits", "sla_enforcement", "feature_flags"];
const ROUNDS: usize = 5;

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| {
        eprintln!("{}: {error}", path.display());
        exit(1)
    });
    text.lines().map(String::from).collect()
}

/// Times `decide` over all inputs after a round that does not count, and counts wrong answers.
fn figures(
    inputs: &[String],
    answers: &[String],
    mut decide: impl FnMut(&str) -> String,
) -> serde_json::Value {
    let mut disagreements = 0;
    for (input, answer) in inputs.iter().zip(answers) {
        let same = match serde_json::from_str::<serde_json::Value>(&decide(input)) {
            Ok(got) => got == serde_json::from_str::<serde_json::Value>(answer).unwrap(),
            Err(_) => false,
        };
        disagreements += usize::from(!same);
    }
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        for input in inputs {
            let start = Instant::now();
            std::hint::black_box(decide(input));
            times.push(start.elapsed().as_nanos() as u64);
        }
    }
    let mut turns: Vec<u64> =
        times.chunks(inputs.len()).map(|turn| turn.iter().sum::<u64>() / turn.len() as u64).collect();
    turns.sort_unstable();
    times.sort_unstable();
    json!({
        "turn_ns": turns[turns.len() / 2],
        "p50_ns": times[times.len() / 2],
        "p99_ns": times[times.len() * 99 / 100],
        "disagreements": disagreements,
    })
}

fn text_of(result: Result<Value, impl std::fmt::Display>) -> String {
    match result {
        Ok(value) => value.to_json_str().unwrap_or_default(),
        Err(error) => error.to_string(),
    }
}

/// The time of a decision of one case of bench_scale, over as many of its requests as two seconds
/// allow, after a round that does not count.
fn scale_case(folder: &Path) -> Result<u64, String> {
    let data = fs::read_to_string(folder.join("data.json")).map_err(|e| e.to_string())?;
    let data = Value::from_json_str(&data).map_err(|e| e.to_string())?;
    let mut engine = Engine::new();
    engine.add_policy_from_file(folder.join("policy.rego")).map_err(|e| e.to_string())?;
    engine.add_data(data.clone()).map_err(|e| e.to_string())?;
    let rule = "data.scale.allow";
    let compiled = engine.compile_with_entrypoint(&rule.into()).map_err(|e| e.to_string())?;
    let program = Compiler::compile_from_policy(&compiled, &[rule]).map_err(|e| e.to_string())?;
    let mut machine = RegoVM::new();
    machine.load_program(program);
    machine.set_max_instructions(usize::MAX);
    machine.set_data(data).map_err(|e| e.to_string())?;
    let requests = lines(&folder.join("requests.ndjson"));
    let mut times = Vec::new();
    for _ in 0..3 {
        times.clear();
        let round = Instant::now();
        for request in requests.iter().take_while(|_| round.elapsed().as_secs() < 2) {
            let start = Instant::now();
            machine.set_input(Value::from_json_str(request).map_err(|e| e.to_string())?);
            let answer = text_of(machine.execute());
            times.push(start.elapsed().as_nanos() as u64);
            if answer != "true" {
                return Err(format!("answers {answer}"));
            }
        }
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

fn scale(folder: &Path) {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        out.insert(name, match scale_case(&entry.path()) {
            Ok(p50) => json!({"p50_ns": p50}),
            Err(reason) => json!({"skipped": reason}),
        });
    }
    println!("{}", json!(out));
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if arguments.len() == 3 && arguments[1] == "scale" {
        return scale(Path::new(&arguments[2]));
    }
    if arguments.len() != 3 {
        eprintln!("usage: peer_regorus POLICY_DIR INPUT_DIR");
        exit(2);
    }
    let (policies, inputs_dir) = (Path::new(&arguments[1]), Path::new(&arguments[2]));
    let mut out: BTreeMap<&str, BTreeMap<&str, serde_json::Value>> = BTreeMap::new();
    for policy in POLICIES {
        let inputs = lines(&inputs_dir.join(format!("{policy}.ndjson")));
        let answers = lines(&inputs_dir.join(format!("{policy}.answers.ndjson")));
        let rule = format!("data.neuralhive.orchestrator.{policy}.result");
        let mut engine = Engine::new();
        engine
            .add_policy_from_file(policies.join(format!("{policy}.rego")))
            .expect("the policy parses");
        let rule_name: Rc<str> = rule.as_str().into();
        let compiled = engine
            .compile_with_entrypoint(&rule_name)
            .expect("the policy compiles");
        let interpreter = figures(&inputs, &answers, |input| {
            text_of(Value::from_json_str(input).and_then(|value| compiled.eval_with_input(value)))
        });
        out.entry("regorus interpreter").or_default().insert(policy, interpreter);

        let program = match Compiler::compile_from_policy(&compiled, &[rule.as_str()]) {
            Ok(program) => program,
            Err(error) => {
                eprintln!("regorus RVM does not compile {policy}: {error}");
                continue;
            }
        };
        let mut machine = RegoVM::new();
        machine.load_program(program);
        let rvm = figures(&inputs, &answers, |input| {
            let value = match Value::from_json_str(input) {
                Ok(value) => value,
                Err(error) => return error.to_string(),
            };
            machine.set_input(value);
            text_of(machine.execute())
        });
        out.entry("regorus RVM").or_default().insert(policy, rvm);
    }
    println!("{}", json!(out));
}
