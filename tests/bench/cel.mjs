// cel.mjs - nanoseconds of one evaluation in two JavaScript implementations; used by cel.sh
//
// usage: node cel.mjs ROUNDS	prints "library name hit miss" a line, medians over rounds
import { celEnv, parse, plan } from "@bufbuild/cel";
import { Environment } from "@marcbachmann/cel-js";

const EVALUATIONS = 50000;
const rounds = Number(process.argv[2] ?? 9);
const hit = "api.github.com", miss = "api.gitlab.com";
const cases = {
	"host-equal": 'http.host == "api.github.com"',
	"three-clauses": 'http.host == "api.github.com" && http.method == "GET" && http.path.startsWith("/repos")',
	"in-four": 'http.host in ["a.example.com", "b.example.com", "api.github.com", "c.example.com"]',
	"matches": 'http.host.matches("^(.+\\\\.)?github\\\\.com$")',
	"exists-four": '[".example.com", ".example.org", ".github.com", ".example.net"].exists(s, http.host.endsWith(s))',
};

function measure(run, host) {
	const vars = { http: { host, method: "GET", path: "/repos/a/b" } };
	const want = host === hit;
	const took = [];
	for (let r = 0; r < rounds; r++) {
		const start = process.hrtime.bigint();
		for (let i = 0; i < EVALUATIONS; i++)
			if (run(vars) !== want)
				throw new Error("wrong answer");
		took.push(Number(process.hrtime.bigint() - start) / EVALUATIONS);
	}
	return took.sort((a, b) => a - b)[rounds >> 1].toFixed(0);
}

const libraries = {
	"bufbuild": (expr) => plan(celEnv(), parse(expr)),
	"marcbachmann": (expr) => {
		const env = new Environment({ unlistedVariablesAreDyn: true });
		return env.parse(expr);
	},
};
for (const [library, compile] of Object.entries(libraries))
	for (const [name, expr] of Object.entries(cases)) {
		const run = compile(expr);
		console.log(library, name, measure(run, hit), measure(run, miss));
	}
