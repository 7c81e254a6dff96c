-- Price types, and seats that the house keeps.
--
-- `prices` keeps what a seat costs whom nothing else is said of; what others pay stands here,
-- category by category. A ticket remembers its type with its price, so neither changes later. A
-- blocked seat is one that has a row here, and the other way round: who blocks or frees writes both.

CREATE TABLE type_prices (
    performance_id  bigint NOT NULL,
    category_no     integer NOT NULL,
    price_type      text NOT NULL,
    amount          bigint NOT NULL,
    CONSTRAINT type_prices_pkey PRIMARY KEY (performance_id, category_no, price_type),
    CONSTRAINT type_prices_not_negative CHECK (amount >= 0),
    CONSTRAINT type_prices_type_length CHECK (length(price_type) BETWEEN 1 AND 200),
    CONSTRAINT type_prices_not_ordinary CHECK (price_type <> 'adult'),
    CONSTRAINT type_prices_price_fkey
        FOREIGN KEY (performance_id, category_no) REFERENCES prices (performance_id, category_no)
);

ALTER TABLE reservation_seats ADD COLUMN price_type text NOT NULL DEFAULT 'adult';

CREATE TABLE seat_blocks (
    performance_id  bigint NOT NULL,
    seat_no         integer NOT NULL,
    kind            text NOT NULL,
    release_at      timestamptz,
    note            text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT seat_blocks_pkey PRIMARY KEY (performance_id, seat_no),
    CONSTRAINT seat_blocks_kind_known CHECK (kind IN ('house', 'technical', 'companion')),
    CONSTRAINT seat_blocks_note_length CHECK (length(note) BETWEEN 1 AND 500),
    CONSTRAINT seat_blocks_seat_fkey
        FOREIGN KEY (performance_id, seat_no) REFERENCES performance_seats (performance_id, seat_no)
);

-- What is to be released, and when: the worker asks this again and again.
CREATE INDEX seat_blocks_release ON seat_blocks (performance_id, release_at)
    WHERE release_at IS NOT NULL;

-- Before there was a command for it, seats were blocked by hand.
INSERT INTO seat_blocks (performance_id, seat_no, kind)
SELECT performance_id, seat_no, 'house' FROM performance_seats WHERE status = 'blocked';
