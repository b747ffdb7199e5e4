//! Logistic regression with a ridge, by Newton's method. Nothing in it is random.

/// What was measured of one case, and whether it was so.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// As many for every example.
    pub features: Vec<f64>,
    /// Whether it was so.
    pub so: bool,
}

/// Log odds as a weighted sum of features.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    /// Log odds where every feature is 0.
    pub bias: f64,
    /// Log odds per unit of each feature.
    pub weights: Vec<f64>,
}

/// Newton's method ends when no coefficient moves by more than this …
const STILL: f64 = 1e-10;

/// … or after so many steps; from 0 it takes about eight.
const MAX_STEPS: usize = 60;

/// The bias carries no ridge; this keeps the equations solvable.
const BIAS_RIDGE: f64 = 1e-6;

impl Logistic {
    /// The model under which the examples are likeliest, `ridge / 2` times the squares of its weights
    /// taken off; each weight counts in standard deviations of its feature.
    ///
    /// `None` unless there are examples of both sorts.
    ///
    /// Source: Hoerl and Kennard (1970) for the ridge; Hastie, Tibshirani and Friedman (2009),
    /// section 4.4.1, for the steps.
    pub fn fit(examples: &[Example], ridge: f64) -> Option<Self> {
        let so = examples.iter().filter(|example| example.so).count();
        if so == 0 || so == examples.len() {
            return None;
        }
        let scale = Scale::of(examples);
        let rows: Vec<Row> = (examples.iter())
            .map(|example| (scale.row(&example.features), f64::from(example.so)))
            .collect();
        let mut ridges = vec![ridge; scale.means.len() + 1];
        ridges[0] = BIAS_RIDGE;
        let mut at = vec![0.0; ridges.len()];
        let mut loss = loss_of(&rows, &ridges, &at);
        for _ in 0..MAX_STEPS {
            let (gradient, curvature) = slope_of(&rows, &ridges, &at);
            let mut step = solve(curvature, gradient)?;
            let moved =
                |step: &[f64]| -> Vec<f64> { at.iter().zip(step).map(|(a, s)| a - s).collect() };
            let mut next = moved(&step);
            // Far from the solution a whole step may lead past it.
            while loss_of(&rows, &ridges, &next) > loss && largest(&step) > STILL {
                step.iter_mut().for_each(|s| *s *= 0.5);
                next = moved(&step);
            }
            at = next;
            loss = loss_of(&rows, &ridges, &at);
            if largest(&step) <= STILL {
                break;
            }
        }
        Some(scale.undone(&at))
    }

    /// Log odds that a case is so.
    pub fn log_odds(&self, features: &[f64]) -> f64 {
        self.bias + dot(&self.weights, features)
    }
}

/// A one for the bias and the features in standard deviations; 1 when it was so, else 0.
type Row = (Vec<f64>, f64);

/// Mean and standard deviation of each feature.
struct Scale {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Scale {
    fn of(examples: &[Example]) -> Self {
        let features = examples.first().map_or(0, |example| example.features.len());
        let mean = |of: &dyn Fn(&Example) -> f64| {
            examples.iter().map(of).sum::<f64>() / examples.len() as f64
        };
        let means: Vec<f64> = (0..features).map(|i| mean(&|e| e.features[i])).collect();
        let deviation = |i: usize| {
            let variance = mean(&|e| (e.features[i] - means[i]).powi(2));
            // A feature that never changes gets no weight, whatever it is divided by.
            if variance > 0.0 { variance.sqrt() } else { 1.0 }
        };
        Self {
            deviations: (0..features).map(deviation).collect(),
            means,
        }
    }

    fn row(&self, features: &[f64]) -> Vec<f64> {
        let scaled = features.iter().zip(self.means.iter().zip(&self.deviations));
        let scaled = scaled.map(|(value, (mean, deviation))| (value - mean) / deviation);
        std::iter::once(1.0).chain(scaled).collect()
    }

    /// The model in the features' own units.
    fn undone(&self, at: &[f64]) -> Logistic {
        let weights = at[1..].iter().zip(&self.deviations);
        let weights: Vec<f64> = weights
            .map(|(weight, deviation)| weight / deviation)
            .collect();
        Logistic {
            bias: at[0] - dot(&weights, &self.means),
            weights,
        }
    }
}

/// Minus the log likelihood, with the ridge.
fn loss_of(rows: &[Row], ridges: &[f64], at: &[f64]) -> f64 {
    let unlikely = rows.iter().map(|(row, so)| {
        let odds = dot(row, at);
        // ln(1 + e^odds) − so · odds, without overflow.
        odds.max(0.0) + (-odds.abs()).exp().ln_1p() - so * odds
    });
    let penalty = at.iter().zip(ridges).map(|(a, ridge)| 0.5 * ridge * a * a);
    unlikely.sum::<f64>() + penalty.sum::<f64>()
}

/// First and second derivatives of the loss.
fn slope_of(rows: &[Row], ridges: &[f64], at: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = at.len();
    let mut gradient: Vec<f64> = at.iter().zip(ridges).map(|(a, ridge)| a * ridge).collect();
    let mut curvature = vec![vec![0.0; n]; n];
    for (i, ridge) in ridges.iter().enumerate() {
        curvature[i][i] = *ridge;
    }
    for (row, so) in rows {
        let probability = 1.0 / (1.0 + (-dot(row, at)).exp());
        let spread = probability * (1.0 - probability);
        for i in 0..n {
            gradient[i] += (probability - so) * row[i];
            for j in 0..=i {
                curvature[i][j] += spread * row[i] * row[j];
            }
        }
    }
    (gradient, curvature)
}

/// Solves `matrix · x = right` by Cholesky's factors; only the lower half of the matrix is read.
/// `None` when it is not positive definite.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    for i in 0..n {
        for j in 0..=i {
            let rest = matrix[i][j] - dot(&matrix[i][..j], &matrix[j][..j]);
            matrix[i][j] = if i > j {
                rest / matrix[j][j]
            } else {
                Some(rest.sqrt()).filter(|root| *root > 0.0)?
            };
        }
    }
    for i in 0..n {
        right[i] = (right[i] - dot(&matrix[i][..i], &right[..i])) / matrix[i][i];
    }
    for i in (0..n).rev() {
        let below: f64 = (i + 1..n).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - below) / matrix[i][i];
    }
    Some(right)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn largest(step: &[f64]) -> f64 {
    step.iter().fold(0.0, |most, s| most.max(s.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(features: &[f64], so: bool) -> Example {
        Example {
            features: features.to_vec(),
            so,
        }
    }

    /// `so` of `of` cases with a single feature.
    fn cases(feature: f64, so: usize, of: usize) -> Vec<Example> {
        (0..of).map(|i| example(&[feature], i < so)).collect()
    }

    #[test]
    fn two_groups_give_the_log_odds_of_each() {
        let examples = [cases(0.0, 10, 40), cases(2.0, 30, 40)].concat();
        let model = Logistic::fit(&examples, 0.0).expect("both sorts");
        let odds = 3.0_f64.ln();
        assert!((model.log_odds(&[0.0]) + odds).abs() < 1e-6, "{model:?}");
        assert!((model.log_odds(&[2.0]) - odds).abs() < 1e-6, "{model:?}");
    }

    #[test]
    fn units_do_not_matter_and_a_constant_gets_no_weight() {
        let spread = |unit: f64| {
            let of = |i: u32| {
                let x = f64::from(i * 37 % 101) / 10.0;
                example(&[x * unit, 7.0], f64::from(i * 53 % 97) / 10.0 < x)
            };
            (0..200).map(of).collect::<Vec<_>>()
        };
        let one = Logistic::fit(&spread(1.0), 3.0).expect("both sorts");
        let thousand = Logistic::fit(&spread(1000.0), 3.0).expect("both sorts");
        assert!((one.weights[0] - 1000.0 * thousand.weights[0]).abs() < 1e-6);
        assert!((one.bias - thousand.bias).abs() < 1e-6 && one.weights[1] == 0.0);
    }

    #[test]
    fn where_the_loss_is_least_it_does_not_fall_to_any_side() {
        let examples: Vec<Example> = (0..300_u32)
            .map(|i| {
                let [a, b] = [37, 61].map(|m| f64::from(i * m % 101) / 20.0);
                example(&[a, b], a - 2.0 * b + f64::from(i * 13 % 29) / 4.0 > 0.0)
            })
            .collect();
        let model = Logistic::fit(&examples, 2.0).expect("both sorts");
        let scale = Scale::of(&examples);
        let rows: Vec<Row> = (examples.iter())
            .map(|e| (scale.row(&e.features), f64::from(e.so)))
            .collect();
        let mut at: Vec<f64> = vec![model.log_odds(&scale.means)];
        at.extend(
            model
                .weights
                .iter()
                .zip(&scale.deviations)
                .map(|(w, d)| w * d),
        );
        let least = loss_of(&rows, &[BIAS_RIDGE, 2.0, 2.0], &at);
        for i in 0..3 {
            for step in [-1e-3, 1e-3] {
                let mut beside = at.clone();
                beside[i] += step;
                assert!(loss_of(&rows, &[BIAS_RIDGE, 2.0, 2.0], &beside) > least);
            }
        }
    }

    #[test]
    fn a_clean_cut_stays_finite_under_a_ridge() {
        let examples = [cases(-1.0, 0, 5), cases(1.0, 5, 5)].concat();
        let model = Logistic::fit(&examples, 0.01).expect("both sorts");
        assert!(model.weights[0].is_finite() && model.weights[0] > 3.0);
        assert_eq!(Logistic::fit(&cases(1.0, 0, 5), 1.0), None);
        assert_eq!(Logistic::fit(&[], 1.0), None);
    }
}
