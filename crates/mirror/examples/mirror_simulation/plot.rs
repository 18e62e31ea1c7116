//! The plot: how many packs have how many copies left, a line a strategy.

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 52.0;
/// More copies than this are of the head, and no worry.
const MOST_COPIES: usize = 24;
/// Of 10,000 packs; the lowest line is a tenth of a pack, one in one of ten runs.
const DECADES: [f64; 6] = [0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0];
const COLOURS: [&str; 3] = ["#1b6e53", "#8a8f98", "#c4512d"];

pub fn draw(curves: &[(&str, Vec<f64>)]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"13\" fill=\"#30343a\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <rect x=\"{:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#f7e4dd\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#a03d1e\">below three</text>\n",
        x(0.0) - 6.0,
        x(2.5) - x(0.0) + 6.0,
        HEIGHT - BOTTOM - TOP,
        x(0.0),
        TOP + 18.0
    );
    for packs in DECADES {
        let y = y(packs);
        svg += &format!(
            "<path d=\"M{LEFT} {y:.1}H{WIDTH}\" stroke=\"#e4e6ea\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{packs}</text>\n",
            LEFT - 8.0,
            y + 4.0
        );
    }
    for copies in (0..=MOST_COPIES).step_by(3) {
        svg += &format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{copies}</text>\n",
            x(copies as f64),
            HEIGHT - BOTTOM + 20.0
        );
    }
    svg += &format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">copies left of a pack</text>\n\
         <text transform=\"translate(14 {:.1}) rotate(-90)\" text-anchor=\"middle\">packs</text>\n",
        (LEFT + WIDTH) / 2.0,
        HEIGHT - 12.0,
        HEIGHT / 2.0
    );
    for (number, ((name, curve), colour)) in curves.iter().zip(COLOURS).enumerate() {
        let points: Vec<String> = curve
            .iter()
            .take(MOST_COPIES + 1)
            .enumerate()
            .map(|(copies, &packs)| format!("{:.1},{:.1}", x(copies as f64), y(packs)))
            .collect();
        let legend = TOP + 18.0 + 20.0 * number as f64;
        svg += &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\"/>\n\
             <path d=\"M{:.1} {:.1}h24\" stroke=\"{colour}\" stroke-width=\"2.5\"/>\n\
             <text x=\"{:.1}\" y=\"{legend:.1}\">{name}</text>\n",
            points.join(" "),
            WIDTH - 190.0,
            legend - 4.0,
            WIDTH - 158.0
        );
    }
    svg + "</svg>\n"
}

fn x(copies: f64) -> f64 {
    LEFT + 12.0 + copies / MOST_COPIES as f64 * (WIDTH - LEFT - 30.0)
}

/// Logarithmic, because what counts is rare.
fn y(packs: f64) -> f64 {
    let decades = packs.max(DECADES[0]).log10() - DECADES[0].log10();
    HEIGHT - BOTTOM - decades / (DECADES.len() - 1) as f64 * (HEIGHT - BOTTOM - TOP)
}
