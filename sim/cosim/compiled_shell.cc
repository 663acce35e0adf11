// Drives a p-computer that CXXRTL turned into C++: single clocks, and a host that plays scripts.
//
// `design.cc` is the translated RTL; `names.inc` lists its registers as REGISTER("path", member). A script has lines
// "operation address data", all hex: 0 writes a register; 1 fetches snapshots until the machine is idle and its FIFO
// empty; 2 reads a register; 3 lets `data` clocks pass. The host acts clock by clock like the one in the Verilog shell
// (harness.py), so that both simulators do the same cycles.
#include "design.cc"

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

using Design = cxxrtl_design::p_p__computer;

namespace {

enum Operation { WRITE, DRAIN, READ, SPEND };
enum State { RUNNING, PLAYED, MALFORMED };

struct Register {
  const char *name;
  const uint32_t *words;
  size_t n_words;
};

template <size_t Bits> Register make_register(const char *name, const wire<Bits> &item) {
  return {name, item.curr.data, value<Bits>::chunks};
}

class Machine {
 public:
  Machine() {
#define REGISTER(name, member) registers.push_back(make_register(name, dut.member));
#include "names.inc"
#undef REGISTER
    dut.p_rst.set(false);
  }

  // One clock with these values on the pins. Falling edges move nothing, so they are not evaluated.
  void tick(uint32_t address, uint32_t write, uint32_t data) {
    dut.p_address.set(address);
    dut.p_write.set(write);
    dut.p_write__data.set(data);
    dut.prev_p_clk.set(false);
    dut.p_clk.set(true);
    dut.step();
  }

  void set_entropy(const uint32_t *words) {
#ifdef WITH_ENTROPY
    for (size_t k = 0; k < value<WITH_ENTROPY>::chunks; k++) dut.p_entropy.data[k] = words[k];
#else
    (void)words;
#endif
  }

  void start(const char *text) {
    script = text;
    at = script.c_str();
    host = Host();
    words.clear();
    next();
  }

  int play(uint64_t n_clocks) {
    for (; n_clocks && state == RUNNING; n_clocks--) clock();
    return state;
  }

  std::vector<Register> registers;
  std::vector<uint32_t> words;

 private:
  struct Host {
    uint32_t address = 0, write = 0, data = 0;  // on the pins
    uint32_t operation = 0, operand = 0, left = 0, word = 0;
    unsigned reading = 0;   // bit 1 and 0: reads whose data are one clock and two clocks away
    bool popping = false;   // a pop stands on the pins
  };

  void next() {
    char *end;
    uint32_t field[3];
    state = RUNNING;
    while (*at == '\n') at++;
    if (!*at) {
      state = PLAYED;
      return;
    }
    for (uint32_t &number : field) {
      number = strtoul(at, &end, 16);
      if (end == at) state = MALFORMED;
      at = end;
    }
    if (field[0] > SPEND) state = MALFORMED;
    host.operation = field[0], host.operand = field[1], host.left = field[2];
  }

  // One clock edge: decide from what stood before it, clock the machine, then change the pins.
  void clock() {
    const uint32_t level = dut.p_fifo_2e_level.curr.data[0];
    const bool busy = dut.p_sequencer_2e_phase.curr.data[0] != 0 || dut.p_sequencer_2e_pending.curr.data[0] != 0;
    const Host old = host;
    if (old.reading & 2) words.push_back(dut.p_bus_2e_read__data.curr.data[0]);
    host.reading = old.reading << 1 & 3;
    host.write = 0;
    host.popping = false;
    switch (old.operation) {
      case WRITE:
        host.address = old.operand, host.data = old.left, host.write = 1;
        next();
        break;
      case DRAIN:
        if (old.word == FIFO_WORDS) {
          host.address = FIFO_POP, host.write = 1, host.popping = true, host.word = 0;
        } else if (old.word || level > old.popping) {
          host.address = FIFO_BASE + old.word, host.reading |= 1, host.word++;
        } else if (!busy && !old.write) {
          next();
        }
        break;
      case READ:
        host.address = old.operand, host.reading |= 1;
        next();
        break;
      case SPEND:
        if (old.left) host.left--;
        else if (!old.reading) next();  // what was read before is written down first
        break;
    }
    tick(old.address, old.write, old.data);
  }

  Design dut;
  Host host;
  State state = PLAYED;
  std::string script;
  const char *at = nullptr;
};

}  // namespace

extern "C" {

Machine *machine_new() { return new Machine; }
void machine_free(Machine *machine) { delete machine; }
void machine_tick(Machine *machine, uint32_t address, uint32_t write, uint32_t data) {
  machine->tick(address, write, data);
}
void machine_entropy(Machine *machine, const uint32_t *words) { machine->set_entropy(words); }

// Words of register `name` through `words`; 0 if there is no such register.
size_t machine_register(Machine *machine, const char *name, const uint32_t **words) {
  for (const Register &found : machine->registers)
    if (!strcmp(found.name, name)) return *words = found.words, found.n_words;
  return 0;
}

void machine_start(Machine *machine, const char *script) { machine->start(script); }
int machine_play(Machine *machine, uint64_t n_clocks) { return machine->play(n_clocks); }
size_t machine_words(Machine *machine, const uint32_t **words) {
  *words = machine->words.data();
  return machine->words.size();
}
}
