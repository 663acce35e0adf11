// Drives a whole board that CXXRTL turned into C++ from the other end of its two wires: bytes in, bytes out.
//
// `design.cc` is the translated RTL, DIVISOR its clocks per bit, FIFO_DEPTH the snapshots that its FIFO holds.
#include "design.cc"

#include <algorithm>
#include <deque>
#include <vector>

using Design = cxxrtl_design::p_board;

namespace {

constexpr int FRAME_BITS = 10;  // start, eight data, stop
// After the last traffic the link gets so long to answer: a few bytes of slack, and any request's accesses.
constexpr uint64_t GRACE = 8 * FRAME_BITS * DIVISOR + 8192;

class Board {
 public:
  Board() {
    dut.p_rst.set(false);
    dut.p_rx.set(true);
  }

  // Pass up to n_clocks; stop at the end of a frame from the board, or when nothing is left to do.
  uint64_t run(uint64_t n_clocks) {
    uint64_t passed = 0;
    bool frame_ended = false;
    while (passed < n_clocks && !frame_ended && !idle()) {
      drive();
      dut.prev_p_clk.set(false);
      dut.p_clk.set(true);
      dut.step();
      frame_ended = sample();
      passed++, quiet++;
    }
    clocks += passed;
    return passed;
  }

  bool idle() const { return quiet > GRACE && to_board.empty() && !bits_out && !sampling && !sweeping(); }

  std::deque<uint8_t> to_board;
  std::vector<uint8_t> from_board;
  uint64_t clocks = 0, quiet = 0;
  bool bad_stop = false;

 private:
  // A frozen or stalled machine changes nothing until the host speaks.
  bool sweeping() const {
    const bool busy = dut.p_computer_2e_sequencer_2e_phase.curr.data[0] != 0 ||
                      dut.p_computer_2e_sequencer_2e_pending.curr.data[0] != 0;
    const bool held = dut.p_computer_2e_bus_2e_setting__freeze.curr.data[0] != 0 ||
                      dut.p_computer_2e_fifo_2e_level.curr.data[0] == FIFO_DEPTH;
    return busy && !held;
  }

  void drive() {
    if (out_timer) {
      out_timer--;
      return;
    }
    if (!bits_out && !to_board.empty()) {
      shifter = to_board.front() << 1 | 1 << (FRAME_BITS - 1);
      to_board.pop_front();
      bits_out = FRAME_BITS;
    }
    if (bits_out) {
      dut.p_rx.set((bool)(shifter & 1));
      shifter >>= 1, bits_out--;
      out_timer = DIVISOR - 1;
      quiet = 0;
    }
  }

  // Look at the line; tell whether a delimiter came.
  bool sample() {
    const bool line = dut.p_tx.data[0] & 1;
    if (!sampling) {
      if (!line) sampling = FRAME_BITS, in_timer = DIVISOR / 2, in_bits = 0;
      return false;
    }
    if (in_timer) {
      in_timer--;
      return false;
    }
    in_bits |= line << (FRAME_BITS - sampling);
    in_timer = DIVISOR - 1;
    quiet = 0;
    if (--sampling) return false;
    bad_stop |= !line;
    from_board.push_back(in_bits >> 1 & 0xFF);
    return from_board.back() == 0;
  }

  Design dut;
  unsigned shifter = 0, bits_out = 0, out_timer = 0;
  unsigned sampling = 0, in_timer = 0, in_bits = 0;
};

}  // namespace

extern "C" {

Board *board_new() { return new Board; }
void board_free(Board *board) { delete board; }
void board_send(Board *board, const uint8_t *data, size_t count) {
  board->to_board.insert(board->to_board.end(), data, data + count);
  board->quiet = 0;
}
uint64_t board_run(Board *board, uint64_t n_clocks) { return board->run(n_clocks); }
int board_idle(Board *board) { return board->idle(); }
int board_bad_stop(Board *board) { return board->bad_stop; }

// Move at most `room` received bytes to `data`.
size_t board_take(Board *board, uint8_t *data, size_t room) {
  const size_t count = std::min(room, board->from_board.size());
  std::copy_n(board->from_board.begin(), count, data);
  board->from_board.erase(board->from_board.begin(), board->from_board.begin() + count);
  return count;
}
}
