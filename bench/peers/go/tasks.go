// The tasks; ../README.md has their rules.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

type answer map[string]any

type request struct {
	Task       string
	File       string
	Call       string
	Expected   string
	Runs       int
	Samples    int
	Calls      int
	Count      int
	Workers    int
	Seconds    float64
	StackBytes int `json:"stack_bytes"`
	LimitBytes int `json:"limit_bytes"`
	LimitMs    int `json:"limit_ms"`
	Reset      bool
}

func do(asked request) (answer, error) {
	switch asked.Task {
	case "info":
		return info()
	case "script":
		return script(asked)
	case "create":
		return createTask(asked)
	case "calls":
		return calls(asked)
	case "stack":
		return stack(asked)
	case "memory":
		return memory(asked)
	case "timeout":
		return timeout(asked)
	case "density":
		return density(asked)
	case "requests":
		return requests(asked)
	}
	return nil, fmt.Errorf("unknown task %q", asked.Task)
}

func tell(told answer) {
	line, _ := json.Marshal(told)
	fmt.Println(string(line))
}

func microsecondsSince(begin time.Time) float64 {
	return float64(time.Since(begin).Nanoseconds()) / 1e3
}
func millisecondsSince(begin time.Time) float64 { return microsecondsSince(begin) / 1e3 }

func firstLine(err error) string {
	if err == nil {
		return "none"
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func script(asked request) (answer, error) {
	source, err := os.ReadFile(asked.File)
	if err != nil {
		return nil, err
	}
	vm, err := create(roomy)
	if err != nil {
		return nil, err
	}
	told := answer{}
	program := string(source)
	if asked.Call != "" {
		begin := time.Now()
		if _, err := vm.eval(program); err != nil {
			return nil, err
		}
		told["load_ms"] = millisecondsSince(begin)
		program = asked.Call
	}
	result, err := vm.eval(program)
	if err != nil {
		return nil, err
	}
	times := []float64{}
	start := time.Now()
	for len(times) < asked.Runs && (len(times) < 3 || time.Since(start).Seconds() < asked.Seconds) {
		begin := time.Now()
		again, err := vm.eval(program)
		times = append(times, millisecondsSince(begin))
		if err != nil {
			return nil, err
		}
		if again != result {
			return nil, fmt.Errorf("the result changed from %s to %s", result, again)
		}
	}
	told["times_ms"] = times
	told["result"] = result
	return told, nil
}

func createTask(asked request) (answer, error) {
	createUs, cycleUs := []float64{}, []float64{}
	for i := -min(asked.Samples, 20); i < asked.Samples; i++ {
		begin := time.Now()
		vm, err := create(roomy)
		if err != nil {
			return nil, err
		}
		created := microsecondsSince(begin)
		vm.drop()
		begin = time.Now()
		if vm, err = create(roomy); err != nil {
			return nil, err
		}
		if !vm.usable() {
			return nil, fmt.Errorf("1+1 is not 2")
		}
		vm.drop()
		cycle := microsecondsSince(begin)
		if i >= 0 {
			createUs = append(createUs, created)
			cycleUs = append(cycleUs, cycle)
		}
	}
	return answer{"create_us": createUs, "cycle_us": cycleUs}, nil
}

func timeLoop(vm *vm, name string, calls int) (float64, error) {
	source := fmt.Sprintf(
		"(() => { let x = 0; for (let i = 0; i < %d; i++) x = %s(x); return x; })()", calls, name)
	begin := time.Now()
	result, err := vm.eval(source)
	nanoseconds := microsecondsSince(begin) * 1e3 / float64(calls)
	if err == nil && result != fmt.Sprint(calls) {
		err = fmt.Errorf("the loop gave %s", result)
	}
	return nanoseconds, err
}

func calls(asked request) (answer, error) {
	vm, err := create(roomy)
	if err != nil {
		return nil, err
	}
	vm.addHost()
	if _, err := vm.eval("globalThis.plain = (x) => x + 1; 0"); err != nil {
		return nil, err
	}
	hostNs, scriptNs, fromHostNs := []float64{}, []float64{}, []float64{}
	for i := -1; i < asked.Samples; i++ {
		host, err := timeLoop(vm, "host", asked.Calls)
		if err != nil {
			return nil, err
		}
		plain, err := timeLoop(vm, "plain", asked.Calls)
		if err != nil {
			return nil, err
		}
		begin := time.Now()
		x, err := vm.callRepeatedly("(x) => x + 1", asked.Calls)
		fromHost := microsecondsSince(begin) * 1e3 / float64(asked.Calls)
		if err != nil || x != float64(asked.Calls) {
			return nil, fmt.Errorf("the calls gave %v: %w", x, err)
		}
		if i >= 0 {
			hostNs = append(hostNs, host)
			scriptNs = append(scriptNs, plain)
			fromHostNs = append(fromHostNs, fromHost)
		}
	}
	return answer{"host_ns": hostNs, "script_ns": scriptNs, "from_host_ns": fromHostNs}, nil
}

// Told first, and told again after the VM was dropped: dropping may end the process.
func thenDrop(vm *vm, told answer) (answer, error) {
	tell(told)
	err := guarded(func() error { vm.drop(); return nil })
	told["dropped"] = err == nil
	if err != nil {
		told["drop_error"] = firstLine(err)
	}
	return told, nil
}

func stack(asked request) (answer, error) {
	with := roomy
	with.stackBytes = asked.StackBytes
	vm, err := create(with)
	if err != nil {
		return nil, err
	}
	times := []float64{}
	var thrown error
	for i := 0; i < asked.Samples; i++ {
		begin := time.Now()
		_, thrown = vm.eval("(function descend() { return descend() + 1; })()")
		times = append(times, microsecondsSince(begin))
		if !vm.usable() {
			break
		}
	}
	return thenDrop(vm, answer{"times_us": times, "error": firstLine(thrown), "usable": vm.usable()})
}

func memory(asked request) (answer, error) {
	source, err := os.ReadFile(asked.File)
	if err != nil {
		return nil, err
	}
	with := roomy
	with.memoryBytes = asked.LimitBytes
	vm, err := create(with)
	if err != nil {
		return nil, err
	}
	vm.usable()
	before := peakBytes()
	begin := time.Now()
	_, thrown := vm.eval(string(source))
	ms := millisecondsSince(begin)
	return thenDrop(vm, answer{
		"ms": ms, "error": firstLine(thrown), "usable": vm.usable(), "peak_bytes": peakBytes() - before,
	})
}

func timeout(asked request) (answer, error) {
	source, err := os.ReadFile(asked.File)
	if err != nil {
		return nil, err
	}
	with := roomy
	with.time = time.Duration(asked.LimitMs) * time.Millisecond
	with.interruptible = true
	vm, err := create(with)
	if err != nil {
		return nil, err
	}
	vm.usable()
	tell(answer{"begun": true})
	begin := time.Now()
	_, thrown := vm.eval(string(source))
	elapsed := millisecondsSince(begin)
	return thenDrop(vm, answer{"elapsed_ms": elapsed, "error": firstLine(thrown), "usable": vm.usable()})
}

func bytesOf(path, key string) int64 {
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var kibibytes int64
		if _, err := fmt.Sscanf(lines.Text(), key+": %d kB", &kibibytes); err == nil {
			return kibibytes * 1024
		}
	}
	panic(path + " has no " + key)
}

func residentBytes() int64 {
	debug.FreeOSMemory()
	return bytesOf("/proc/self/smaps_rollup", "Pss")
}

func peakBytes() int64 { return bytesOf("/proc/self/status", "VmHWM") }

func density(asked request) (answer, error) {
	vms := []*vm{}
	var before int64
	for i := 0; i < asked.Count+4; i++ {
		if i == 4 {
			before = residentBytes()
		}
		vm, err := create(roomy)
		if err != nil {
			return nil, err
		}
		if !vm.usable() {
			return nil, fmt.Errorf("1+1 is not 2")
		}
		vms = append(vms, vm)
	}
	after := residentBytes()
	for _, vm := range vms {
		vm.drop()
	}
	return answer{"bytes_per_vm": float64(after-before) / float64(asked.Count), "count": asked.Count}, nil
}

func requestsOnOneThread(source string, asked request) (float64, error) {
	once := func() error {
		vm, err := create(roomy)
		if err != nil {
			return err
		}
		defer vm.drop()
		result, err := vm.eval(source)
		if err == nil && result != asked.Expected {
			err = fmt.Errorf("a request gave %s", result)
		}
		return err
	}
	for i := 0; i < 20; i++ {
		if err := once(); err != nil {
			return 0, err
		}
	}
	count := 0.0
	begin := time.Now()
	for time.Since(begin).Seconds() < asked.Seconds {
		if err := once(); err != nil {
			return 0, err
		}
		count++
	}
	return count / time.Since(begin).Seconds(), nil
}

func requests(asked request) (answer, error) {
	if asked.Reset {
		return answer{"unable": "its pool keeps what the last request left"}, nil
	}
	source, err := os.ReadFile(asked.File)
	if err != nil {
		return nil, err
	}
	var group sync.WaitGroup
	parts := make([]float64, asked.Workers)
	failures := make([]error, asked.Workers)
	for i := range parts {
		group.Add(1)
		go func() {
			defer group.Done()
			parts[i], failures[i] = requestsOnOneThread(string(source), asked)
		}()
	}
	group.Wait()
	sum := 0.0
	for i := range parts {
		if failures[i] != nil {
			return nil, failures[i]
		}
		sum += parts[i]
	}
	return answer{"per_second": sum}, nil
}
